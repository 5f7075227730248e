"""One file for each part of the protocol; the list of all checks stands in `wenzheng/conformance/suite.py`."""
