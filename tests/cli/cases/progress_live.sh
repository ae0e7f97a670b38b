# The live line fits the terminal, follows its width, and is gone at the end.
command -v script >/dev/null || { echo "no script(1)"; exit 77; }
three
for i in $(seq 3000); do echo a.npy; done >list
cat >run <<'S'
for columns in 24 60; do
    stty cols $columns
    sheaf map mean --files-from list -o $columns.csv -f
done
S
script -qec 'bash run' /dev/null </dev/null >raw
python3 - <<'P'
import re
raw = open("raw", newline="").read()
runs = raw.split("wrote ")
for columns, run in zip((24, 60), runs):
    lines = [line for line in run.replace("\x1b[K", "").split("\r") if "items" in line]
    assert lines, "no line"
    assert all(len(line) < columns for line in lines), lines
    assert run.endswith("\r\x1b[K"), "the line was left"
    print(columns, re.sub(r"[0-9.]+ .?B/s", "…/s", lines[-1]))
P
