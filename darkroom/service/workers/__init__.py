"""The worker processes and what runs on them.

options      how they are watched and stopped
entry        the first code of a child
process      a child process and its pipe
deaths       why one ended
attempts     a job on a worker
seat         a worker's place, filled again after each death
patience     what to do while the store fails
leftovers    what killed processes left behind
records      what is taken from the store and given back
status       how many jobs remain
pool         all of it (`contracts.Workers`)
"""
