"""What runs on the untrusted side: the server that forks, and the child that runs one program.

These files import only built-in and C modules, because every page they add is copied by every
fork. Nothing here decides anything: a child reports, its parent judges.
"""
