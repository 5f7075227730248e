"""Who people are: departments, staff accounts, guests, sign-in and tickets."""
