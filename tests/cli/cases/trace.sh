# The trace is JSON that Perfetto reads: each attempt once, stages within it, no two at once on a thread.
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
three
for i in $(seq 200); do cp a.npy "in $i.npy"; done
printf 'x' >'odd "name"\.npy'
sheaf map 'mean(x), std(x)' ./*.npy missing.npy -o out.csv --trace trace.json 2>/dev/null
echo $?
python3 - <<'P'
import collections, json
trace = json.load(open("trace.json"))
assert trace["otherData"] == {"function": "mean(x), std(x)", "attempts_left_out": 0}
events = [e for e in trace["traceEvents"] if e["ph"] == "X"]
items = [e for e in events if e["cat"] == "item"]
names = collections.Counter(e["name"] for e in items)
assert set(names.values()) == {1}, "an item twice"
print(len(items), "items")
assert sorted(e["args"]["index"] for e in items) == list(range(205))
assert {e["name"]: e["args"]["status"] for e in items if e["args"]["status"] != "OK"} == {
    'missing.npy': "IO", './odd "name"\\.npy': "FORMAT"}
assert all(e["args"]["bytes"] == 32 and e["args"]["attempt"] == 1 for e in items if e["args"]["status"] == "OK")
for tid in {e["tid"] for e in events}:
    open_events = []
    for e in sorted((e for e in events if e["tid"] == tid), key=lambda e: (e["ts"], -e["dur"])):
        while open_events and e["ts"] >= open_events[-1] - 1e-6:
            open_events.pop()
        end = e["ts"] + e["dur"]
        assert e["dur"] >= 0 and (not open_events or end <= open_events[-1] + 1e-6), "events overlap"
        assert (e["cat"] == "item") == (not open_events), "a stage outside of an item"
        open_events.append(end)
stages = collections.Counter(e["name"] for e in events if e["cat"] == "stage")
assert stages["compute"] >= 203 - 50 and set(stages) == {"open", "read", "compute", "deliver"}, stages
tids = {e["tid"] for e in trace["traceEvents"] if e["ph"] == "M" and e["name"] == "thread_name"}
assert {e["tid"] for e in events} <= tids
P
echo $?
sheaf map mean a.npy -o a.csv --trace a.csv
sheaf map mean a.npy --trace a.npy
sheaf map mean a.npy --trace t.json --report t.json
mkdir d
sheaf map mean a.npy --trace d
sheaf map mean a.npy -o a.csv --trace no/where.json
