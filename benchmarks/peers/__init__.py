"""One job on the engines that a platform team would pick instead, and on subpulse: `./dev bench peers`."""
