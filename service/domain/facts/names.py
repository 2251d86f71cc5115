"""Labels (plans, channels, currencies) as small numbers, in the order in which they are first met."""

NONE = -1  # a label that has no value


class Names:
    """A list of labels and the way back."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """The number of `name`, given on first sight; NONE for an empty one."""
        if not name:
            return NONE
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self.all)
            self.all.append(name)
        return number

    def __getitem__(self, number: int) -> str:
        return "-" if number < 0 else self.all[number]

    def __len__(self) -> int:
        return len(self.all)
