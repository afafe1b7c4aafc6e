"""Python runs this at the start of vLLM's server and of its children. It gives their files in
shared memory our prefix, so that the files of a killed server can be found and removed.
"""

import os

prefix = os.environ.get("AZR_SHARED_PREFIX")
if prefix:
    from multiprocessing import process, shared_memory

    process.current_process()._config["semprefix"] = f"/{prefix}"
    shared_memory._SHM_NAME_PREFIX = f"/{prefix}-"
    # Room for the prefix: the default is as short as macOS allows.
    shared_memory._SHM_SAFE_NAME_LENGTH = len(prefix) + 14
