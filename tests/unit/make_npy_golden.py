#!/usr/bin/env python3
"""Writes npy_golden.h: .npy files as NumPy writes them, as C tables of bytes.

Usage: make_npy_golden.py > npy_golden.h   (NumPy >= 1.24: it pads headers so that the first dimension may grow)

Every file holds the elements 0, 1, 2... of shape (2, 3) and dtype 'descr' by NumPy's rules (bool: odd; complex:
k + 10k j), so that the test knows the values without reading them from here. `saved` are numpy.save's bytes of
C-ordered arrays, for the writer.
"""
import io
import numpy as np
from numpy.lib import format as npy

DESCRS = ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
SAVED = [(), (0,), (3,), (2, 3), (0, 5), (1, 2, 3), (2,) * 6, (1,) * 16]
LONG = [(1234567890123456789,), (1, 98765432109876), (1000000000,) * 2]


def values(descr, shape):
    k = np.arange(int(np.prod(shape))).reshape(shape)
    if descr == "b1":
        return (k % 2).astype(bool)
    if descr[0] == "c":
        return (k + 10j * k).astype(descr)
    return k.astype(descr)


def write(array, version, fortran):
    out = io.BytesIO()
    npy.write_array(out, np.asfortranarray(array) if fortran else array, version=version)
    return out.getvalue()


def table(data):
    return "".join(chr(c) if 32 <= c < 127 and c not in b'"\\?' else "\\%03o" % c for c in data)


def lines(data):
    width = 84
    return "\n".join('     "%s"' % table(data[i:i + width]) for i in range(0, len(data), width))


print("/* Written by make_npy_golden.py with NumPy. */")
print("static const struct golden {")
print("    const char *descr;")
print("    int version, fortran;")
print("    unsigned n;")
print("    const char *bytes;")
print("} goldens[] = {")
for descr in DESCRS:
    for order in "<>" if np.dtype(descr).itemsize > 1 else "|":
        a = values(descr, (2, 3)).astype(order + descr)
        for version in (1, 2, 3):
            for fortran in (0, 1):
                data = write(a, (version, 0), fortran)
                print('    {"%s%s", %d, %d, %d,\n%s},' % (order, descr, version, fortran, len(data), lines(data)))
print("};\n")

print("/* numpy.save of values as above, C order, the machine's own byte order. */")
print("static const struct saved {")
print("    const char *dtype;")
print("    int ndim;")
print("    int64_t shape[16];")
print("    unsigned n;")
print("    const char *bytes;")
print("} saved[] = {")
for descr in DESCRS:
    for shape in SAVED if descr == "f8" else [(2, 3)]:
        out = io.BytesIO()
        a = values(descr, shape)
        np.save(out, a)
        data = out.getvalue()
        print('    {"%s", %d, {%s}, %d,\n%s},' % (a.dtype.name, len(shape), ", ".join(map(str, shape)) or "0",
                                                   len(data), lines(data)))
print("};\n")

print("/* Headers alone, of arrays nobody could save. */")
print("static const struct saved long_headers[] = {")
for shape in LONG + [tuple(10 ** 18 + i for i in range(16)), (7,) * 13, (123,) * 10]:
    out = io.BytesIO()
    npy.write_array_header_1_0(out, {"descr": "<f8", "fortran_order": False, "shape": shape})
    data = out.getvalue()
    print('    {"float64", %d, {%s}, %d,\n%s},' % (len(shape), ", ".join("%dLL" % d for d in shape), len(data), lines(data)))
print("};")
