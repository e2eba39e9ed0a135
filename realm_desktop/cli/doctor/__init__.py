"""`doctor`: what a report of a fault should tell, and what is wrong with this installation."""
