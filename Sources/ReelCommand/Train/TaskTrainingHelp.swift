/// Paragraphs that the help of several trainings has.
enum TaskTrainingHelp {
  static let resuming = """
    A checkpoint is saved beside the model after epochs (at most every 5 seconds), at least every 5 \
    minutes, and at the end. Ctrl-C ends the step, saves a checkpoint and exits with code 130; a \
    second Ctrl-C quits at once. --resume goes on from the checkpoint, to the same bytes as if the \
    training had never stopped, unless --minutes bounds it; it needs the corpus again. A resumed \
    training keeps the settings it was started with; of those given again, --epochs, --minutes, \
    --learning-rate, --weight-decay, the schedule, --reduce-on-plateau, clipping, --label-smoothing \
    and --patience may change, the others may not.

    With --json the result of the held-out examples is among the keys; shares and error rates are \
    from 0 to 1.
    """
}
