"""Python runs this at the start of vLLM's server and of all that it starts: what they make in
shared memory bears a name of ours, so that what a killed server leaves can be found and removed.
"""

import os

prefix = os.environ.get("AZR_SHARED_PREFIX")
if prefix:
    from multiprocessing import process, shared_memory

    process.current_process()._config["semprefix"] = f"/{prefix}"
    shared_memory._SHM_NAME_PREFIX = f"/{prefix}-"
    # Room for the prefix: the default is cut to what macOS allows.
    shared_memory._SHM_SAFE_NAME_LENGTH = len(prefix) + 14
