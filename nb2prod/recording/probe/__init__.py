"""What runs inside the notebook's own process: it watches the run and describes values, and never changes what the notebook computes.

These files are read as text, renamed to a package of their own and imported by the notebook's interpreter, where nb2prod is not installed.
So: standard library only, valid from Python 3.8, and numpy, pandas, matplotlib and friends are used only when the notebook has already
imported them.
"""
