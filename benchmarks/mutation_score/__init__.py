"""How many changes to the code of the checker its tests notice; see ``__main__``."""
