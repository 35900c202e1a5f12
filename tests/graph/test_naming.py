from layerfix.graph.naming import Made, Scopes, layer_names


def _names(*made: tuple[str, str | None]) -> list[str]:
    subjects = [object() if name is None else None for _, name in made]
    sequence = [Made(cls, name, subject) for (cls, name), subject in zip(made, subjects, strict=True)]
    found = layer_names(sequence, unnumbered_first=False)
    return [found[id(subject)] for subject in subjects if subject is not None]


def test_hidden_layers_fill_the_gap_between_known_numbers() -> None:
    assert _names(("Conv1D", "conv1d_1"), ("Conv1D", None), ("Conv1D", "conv1d_3")) == ["conv1d_2"]


def test_a_leading_hidden_layer_stands_below_the_next_known_number() -> None:
    assert _names(("Dense", None), ("Dense", None), ("Dense", "dense_6")) == ["dense_4", "dense_5"]


def test_nested_calls_count_the_outer_layer_first() -> None:
    assert _names(("Dense", None), ("Dense", "dense_3"), ("Dense", "dense_2")) == ["dense_1"]


def test_numbers_without_a_known_one_start_at_one() -> None:
    assert _names(("Dense", None), ("Dense", None)) == ["dense_1", "dense_2"]


def test_tf_keras_leaves_the_first_without_a_number() -> None:
    subject = object()
    assert layer_names([Made("Dense", None, subject)], unnumbered_first=True) == {id(subject): "dense"}


def test_a_second_variable_of_one_name_gets_a_number() -> None:
    scopes = Scopes()
    scopes.enter("refine_1")
    assert [scopes.unique("kernel"), scopes.unique("kernel"), scopes.unique("kernel")] == [
        "refine_1/kernel",
        "refine_1/kernel_1",
        "refine_1/kernel_2",
    ]
