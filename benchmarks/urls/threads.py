"""threads.py LIST OUT each|pool CONNECTIONS: the mean of each URL's array, by requests, with a thread for each URL, or
as many threads as connections, each with a session of its own."""
import csv, io, sys, threading, time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import requests

urls = open(sys.argv[1]).read().split()
means = [None] * len(urls)
local = threading.local()


def one(i, get):
    answer = get(urls[i])
    answer.raise_for_status()
    means[i] = np.load(io.BytesIO(answer.content)).mean()


def with_session(i):
    if not hasattr(local, "session"):
        local.session = requests.Session()
    one(i, local.session.get)


begin = time.perf_counter()
if sys.argv[3] == "each":
    threads = [threading.Thread(target=one, args=(i, requests.get)) for i in range(len(urls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
else:
    with ThreadPoolExecutor(int(sys.argv[4])) as pool:
        list(pool.map(with_session, range(len(urls))))
seconds = time.perf_counter() - begin
name = "a thread for each URL" if sys.argv[3] == "each" else f"{sys.argv[4]} threads, sessions"
print(f"{name:23} {seconds:6.3f} s, {sum(m is not None for m in means)} done")
with open(sys.argv[2], "w", newline="") as out:
    writer = csv.writer(out)
    writer.writerow(["item", "mean"])
    writer.writerows(zip(urls, map(repr, means)))
