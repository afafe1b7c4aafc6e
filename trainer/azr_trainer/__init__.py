import os

# Tensors of a pass are large, and made and given back all the time: in huge pages, where the
# machine has them, that costs a quarter. Read by torch before its first tensor.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
