"""What a training step of a recurrent network must keep, from the shapes, in bytes.

Letters: B sequences, T time steps, L layers, H units, V scores, P parameters.

Backpropagation through time goes back through every gate and every state, so of each token and
layer it must keep the gates after activation and the states. Nothing else: the state before a step
is the one after the step before.

    RNN    h                              1·H floats (the gate is the state)
    GRU    r, z, n, W_hn·h + b_hn, h      5·H
    LSTM   i, f, g, o, c, h               6·H

Without dropout, zoneout and projection Reel's layers keep that (`RecurrentPass` in
Sources/ReelSequence/Recurrent). Of sequences that differ in length they also keep the hidden state
before each step, another H.

Of the head, the V scores of a token, in whose place their gradient can stand. The embedding is
looked up. Extra, whatever T is: parameters, their gradients and Adam's two moments, 4·P.

    a step                              B·T·(L·F·H + V) + 4·P floats, F as above
    recomputed in segments of S steps   B·S·(L·F·H + V) + B·(T/S)·L·C·H + 4·P, C states of a layer
"""

MUST = {"rnn": 1, "gru": 5, "lstm": 6}
STATES = {"rnn": 1, "gru": 1, "lstm": 2}
VOCABULARY = 65
BYTES = 4


def of_tokens(cell, layers, hidden, batch, steps, segment=None):
    kept = batch * min(segment or steps, steps) * (layers * MUST[cell] * hidden + VOCABULARY)
    if segment:
        kept += batch * -(-steps // segment) * layers * STATES[cell] * hidden
    return BYTES * kept


def of_parameters(count):
    return BYTES * 4 * count
