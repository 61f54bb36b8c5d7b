"""One module per figure: ``compute(settings)`` gives its data, ``draw(dataset)`` the picture."""
