# A reader that stops early is no error worth a message.
three
for i in $(seq 20000); do echo a.npy; done | sheaf map stats --files-from - | head -n 2
echo "${PIPESTATUS[@]:1}"
(trap '' PIPE; for i in $(seq 20000); do echo a.npy; done | sheaf map stats --files-from - | head -n 1)
