"""What-if: the business in 12 months, at the present course and with something changed."""

from service.domain.what_if.courses import answer
from service.domain.what_if.question import Question
from service.domain.what_if.result import Answer, Change, Course

__all__ = ["Answer", "Change", "Course", "Question", "answer"]
