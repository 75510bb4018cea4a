"""Telling people what happened: the bell on every page, e-mail after a while, and web push.

Whoever knows of something new calls ``tell`` in the transaction that stores it.
"""

from __future__ import annotations

from portal.notices import wording as wording
from portal.notices.pushes import Delivery as Delivery
from portal.notices.pushes import drop_subscription as drop_subscription
from portal.notices.pushes import public_key as public_key
from portal.notices.pushes import subscribe as subscribe
from portal.notices.pushes import subscriptions_of as subscriptions_of
from portal.notices.pushes import to_push as to_push
from portal.notices.pushes import unsubscribe as unsubscribe
from portal.notices.queries import listing as listing
from portal.notices.queries import waiting as waiting
from portal.notices.queries import wish_of as wish_of
from portal.notices.service import forget_notices_of as forget_notices_of
from portal.notices.service import forget_old as forget_old
from portal.notices.service import mail_later as mail_later
from portal.notices.service import mark_all_read as mark_all_read
from portal.notices.service import mark_read as mark_read
from portal.notices.service import save_wish as save_wish
from portal.notices.service import tell as tell
from portal.notices.values import News as News
from portal.notices.values import NoticeKind as NoticeKind
from portal.notices.values import NoticeRow as NoticeRow
from portal.notices.values import Wish as Wish
