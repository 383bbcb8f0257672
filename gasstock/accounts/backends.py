from allauth.account.auth_backends import AuthenticationBackend

from gasstock.accounts.models import User


class FramedUserBackend(AuthenticationBackend):
    """Signs people in, and knows of them what the frame of every page says."""

    def get_user(self, user_id: int) -> User | None:
        """Find who is signed in and count their unread messages, in one query."""
        user = User.objects.with_unread().filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
