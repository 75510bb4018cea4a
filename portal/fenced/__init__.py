"""What opens hostile files, in a process that knows nothing of the portal.

``portal.documents`` starts it for one file; it imports nothing of the portal but itself, and it is
imported by ``portal.documents`` only to be started.
"""
