"""How good the model really is, from the very labels that active learning asked for.

The samples a sampler asks about are the hard ones: the share of them that was predicted right is
far below the accuracy. But the probability π of every question is known, so each answer can stand
for the 1/π samples that were as likely to be asked about. What is estimated is always the number
of *unseen errors*, wrong predictions among samples that nobody labeled; those that were labeled
are counted. All sums are O(1): they fit into rollups, and no estimate ever reads the log.

::

    evidence     the sums: errors seen, unseen, and how far off that may be
    counters     the same as whole numbers in rollups
    intervals    one look: gamma interval (Fay and Feuer)
    anytime      many looks: a betting martingale, inverted
    result       an estimate with its interval, or why there is none yet
    accuracy     of the stream so far, of a window, of the skipped samples
    spotchecks   the stratum of samples that were spot-checked later
    strata       which strata there are
    plans        what spot-checks, or a floor, would cost and bring
    along        the accuracy and its estimates, point by point
    classes      precision, recall, F1, prevalence, confusion matrix
    regression   unseen errors, told how many samples there are
    calibration  reliability diagram, expected calibration error

Sources: Horvitz and Thompson 1952; Fay and Feuer 1997; Waudby-Smith et al. 2022
(arXiv 2210.10768); Zrnic and Candès 2024 (arXiv 2403.03208). `scripts/estimates.py` checks the
coverage of every interval against known truth.
"""
