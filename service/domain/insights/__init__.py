"""What there is to say of single customers, so that others can act: docs/insights.md."""

from service.domain.insights.rules import Rules
from service.domain.insights.saying import say
from service.domain.insights.watcher import Business, Look, Question, Watcher
from service.domain.insights.wording import Insight

__all__ = ["Business", "Insight", "Look", "Question", "Rules", "Watcher", "say"]
