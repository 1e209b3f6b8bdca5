"""Simulated platforms of a million events and of ten: seconds, processor seconds, peak memory.

Each is made in a process of its own, once as a whole and once in chunks that are counted and
dropped, as somebody would who writes them to disk. `nothing` is the same process that makes no
platform: what the libraries take. There is no peer: nothing else makes these tables.

    python -m benchmarks.synthetic
"""

import json
import resource
import subprocess
import sys
import time

from analytics_lib.synthetic import (
    ContentPlatformParameters,
    MarketplaceParameters,
    SharingParameters,
    content_platform,
    content_platform_chunks,
    marketplace,
    marketplace_chunks,
    sharing_parts,
    sharing_platform,
)

PEOPLE = {"marketplace": 28_000, "content": 48_000, "sharing": 30_000}  # a million events
BLOCKS_AT_ONCE = 4
PART = 2_000
SEED = 1


def whole(platform, users):
    if platform == "marketplace":
        return [marketplace(MarketplaceParameters(users=users), seed=SEED)]
    if platform == "content":
        return [content_platform(ContentPlatformParameters(users=users), seed=SEED)]
    return [sharing_platform(SharingParameters(users=users), seed=SEED)]


def chunks(platform, users):
    if platform == "marketplace":
        asked = MarketplaceParameters(users=users)
        return marketplace_chunks(asked, seed=SEED, blocks_at_once=BLOCKS_AT_ONCE)
    if platform == "content":
        asked = ContentPlatformParameters(users=users)
        return content_platform_chunks(asked, seed=SEED, blocks_at_once=BLOCKS_AT_ONCE)
    return sharing_parts(SharingParameters(users=PART), parts=users // PART, seed=SEED)


def make(platform, how, users):
    begun, used = time.perf_counter(), time.process_time()
    made = {"whole": whole, "chunks": chunks}[how](platform, int(users)) if users != "0" else []
    events = sum(part.events.height for part in made)
    found = {
        "events": events,
        "seconds": time.perf_counter() - begun,
        "processor": time.process_time() - used,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(found))


def in_its_own_process(*words):
    command = [sys.executable, "-m", "benchmarks.synthetic", *map(str, words)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    print("| platform | made | users | events | seconds | processor seconds | peak, MB |")
    print("|---|---|---:|---:|---:|---:|---:|")
    cases = [("nothing", "whole", 0)]
    for platform, users in PEOPLE.items():
        cases += [
            (platform, "whole", users),
            (platform, "chunks", users),
            (platform, "chunks", 10 * users),
        ]
    for platform, how, users in cases:
        found = in_its_own_process(platform, how, users)
        print(f"| {platform} | {how} | {users:,} | {found['events']:,} | {found['seconds']:.1f} | "
              f"{found['processor']:.1f} | {found['peak']:,.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    make(*sys.argv[1:]) if sys.argv[1:] else main()
