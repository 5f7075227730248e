"""A city in one thread: real nodes on a simulated disk, bus, clock and network, everything decided by a seed.

`make test` plays a few hundred seeds of `plan.py` and every one in `seeds.txt`; `make simulate SEEDS=10000` as many
others as one likes. A seed that breaks a promise is printed with the smallest part of its plan that still does; put it
into `seeds.txt`, and it is played for ever. `test_controls.py` switches each safeguard off and expects the judge of
`tests.history` to notice.
"""
