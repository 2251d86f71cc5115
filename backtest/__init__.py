"""The proof of the alerts on simulated time.

A simulated business is read by the domain as a worker would read it; its figures at every hour become the
input of promtool, which evaluates the shipped rules step by step, recording rules, `for` and
`keep_firing_for` included. What fired, and when, is compared with what befell the business.
"""
