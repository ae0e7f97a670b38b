"""Writes golden/NAME.txt (the index) and golden/NAME.dat (the numbers, array after array):

    I name dtype ndim shape... offset
    C function nin inputs... naxes axes... keepdims ddof order spacing fast weights nout (dtype ndim shape... offset)...
      scaled [dtype ndim shape... offset] option=value...

weights is an input's name or "-". A case that is scaled has the float64 array of what the errors of its outputs are
measured by, where terms may cancel: for a sum, the sum of magnitudes. Further options are named as in sheaf_options;
lists are separated by commas. Arrays of the same bytes are stored once.
"""
import os
import numpy as np

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
index, data, inputs, stored = [], bytearray(), {}, {}


def put(a):
    a = np.asarray(a)
    values = np.ascontiguousarray(a).tobytes()
    if values not in stored:
        data.extend(bytes(-len(data) % 16))
        stored[values] = len(data)
        data.extend(values)
    return " ".join([a.dtype.name, str(a.ndim), *map(str, a.shape), str(stored[values])])


def add_input(name, a):
    inputs[name] = np.asarray(a)
    index.append(f"I {name} {put(a)}")


def word(value):
    if isinstance(value, (list, tuple)):
        return ",".join(word(v) for v in value)
    return str(int(value)) if isinstance(value, (bool, np.bool_)) else str(value)


def case(function, names, outs, axes=(), keepdims=False, ddof=0, order=0, spacing=0, fast=False, weights="-",
         scale=None, **options):
    fields = ["C", function, len(names), *names, len(axes), *axes, int(keepdims), ddof, order, spacing, int(fast),
              weights, len(outs), *map(put, outs), *([0] if scale is None else [1, put(np.asarray(scale, "float64"))]),
              *(f"{name}={word(value)}" for name, value in options.items())]
    index.append(" ".join(map(str, fields)))


def write(name):
    os.makedirs(HERE, exist_ok=True)
    with open(os.path.join(HERE, name + ".txt"), "w") as f:
        f.write("\n".join(index) + "\n")
    with open(os.path.join(HERE, name + ".dat"), "wb") as f:
        f.write(data)
