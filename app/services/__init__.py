"""The use cases: one function for each thing the desk does. None of them commits."""
