"""How sure a measured difference is: numbers of users in, intervals and p-values out. It knows neither models nor data.

One user's questions are not independent of each other, so a user is one number everywhere in here: the mean over that
user's questions. Intervals are Student's, tests flip signs. Whoever has one user gets neither.
"""
