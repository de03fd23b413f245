"""Kill -9, power loss: what becomes of acknowledged answers. `python -m tests.torture --help`."""
