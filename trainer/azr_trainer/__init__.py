import os

# The large tensors of a pass are allocated and freed all the time. In huge pages, if the machine
# has them, this costs a quarter. torch reads this before its first tensor.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
# Threads that wait in a busy loop take the cores from the other processes of torch: learner, engine
# and pretraining run as several. OpenMP reads this when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
