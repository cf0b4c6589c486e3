"""nb2prod beside other tools that make something runnable of a notebook; `benchmarks/beside.py` is the door.

    environments   each peer in an environment of its own, made once and kept
    tools          what each tool is asked to do with a notebook, and what came out
    running        the notebook and what came out of it are run in fresh processes, which write down their last values
    dumping        what those processes run at their end; standard library only
    judging        are two sets of last values the same; how much of the code is gone
    quality        all of that for every notebook and tool
    timing         what nb2prod and the peers cost
    scaling        cost and memory against the size of a notebook
    profiles       where the time of an analysis and of the start goes
    tables, plots  what is measured as Markdown and as pictures

Nothing here shares code with `nb2prod.verification`: our own results are judged by the same few lines as everybody's.
"""
