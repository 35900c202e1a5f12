"""The defect in source code: layer classes whose weights a save would lose, found without running them."""
