"""The Python side of the sandbox: a front that reads, servers that fork, children that run."""
