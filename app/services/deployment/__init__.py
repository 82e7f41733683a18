"""Files that are deployed: judged beside each other, kept as versions, tried by test cases."""
