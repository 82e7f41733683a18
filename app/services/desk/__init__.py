"""What people of the house do: their inbox and the user tasks in it."""
