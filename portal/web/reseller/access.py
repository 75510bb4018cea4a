"""How clients come in: the direct link, the form for the reseller's website, and who may post it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request, url_for
from flask_babel import gettext

from portal import identity
from portal.core.registry import settings
from portal.identity import ResellerFacts
from portal.web.forms.access import WebsitesForm
from portal.web.guards import needs
from portal.web.htmx import Rendered, render, saved
from portal.web.reseller import access_tabs
from portal.web.reseller.blueprint import bp, own_reseller
from portal.web.session import person

# Below the address of a portal; another blueprint answers there.
_SIGN_UP = "/signup"


@bp.get("/configuration/access")
def access() -> Rendered:
    """Everything to be copied, and the websites that may log clients in."""
    return _page(WebsitesForm(data={"login_origins": "\n".join(own_reseller().login_origins)}))


@bp.post("/configuration/access")
@needs("configuration")
def save_websites() -> Rendered:
    """These websites log clients in without a question from now on; others ask first."""
    form, visitor = WebsitesForm(request.form), person()
    done = form.submit(
        lambda: identity.set_login_origins(form.login_origins.data or "", by=visitor)
    )
    if done is None:
        return _page(form, status=422)
    return saved(url_for("reseller.access"), "#websites-form", say=gettext("Saved."))


def _page(form: WebsitesForm, *, status: int = 200) -> Rendered:
    reseller = own_reseller()
    address = identity.portal_address(reseller)
    return render(
        "reseller/access/index.html",
        status=status,
        has_errors=status != 200,
        access_tabs=access_tabs.tabs("access"),
        form=form,
        address=address,
        is_open=reseller.is_open,
        sign_up_address=f"{address}{_SIGN_UP}" if identity.sign_up_rules().is_on else "",
        websites_hint=gettext(
            "Like https://www.example.com, without a path. %(own)s may always.",
            own="{0.scheme}://{0.netloc}".format(urlsplit(address)),
        ),
        link_html=_link_html(address),
        typed_form_html=_typed_form_html(reseller),
        filled_form_html=_filled_form_html(reseller),
    )


def _link_html(address: str) -> str:
    words = gettext("My telephone account")
    return f'<a href="{address}" target="_blank" rel="noopener">{words}</a>'


def _typed_form_html(reseller: ResellerFacts) -> str:
    """The guide's form with the guide's names: one that worked elsewhere works here by its address alone."""
    email, password = gettext("E-mail"), gettext("Password")
    return _form_html(
        reseller,
        f'<label>{email} <input type="email" name="col_email" autocomplete="username" required></label>',
        f'<label>{password} <input type="password" name="col_password" autocomplete="current-password" required></label>',
    )


def _filled_form_html(reseller: ResellerFacts) -> str:
    """The guide's form to the letter: the reseller's own website writes the login into it."""
    return _form_html(
        reseller,
        '<input type="HIDDEN" name="col_email" value="{client_email}">',
        '<input type="HIDDEN" name="col_password" value="{client_password}">',
    )


def _form_html(reseller: ResellerFacts, email: str, password: str) -> str:
    own = identity.portal_address(reseller) if reseller.hostname else settings().portal_url
    return f"""\
<form action="{own}/site/login.php" method="POST" target="_NEW">
  <input type="HIDDEN" name="UID" value="{reseller.uid}">
  <input type="HIDDEN" name="action" value="DirectLogin">
  {email}
  {password}
  <input type="SUBMIT" name="SUBMIT" value="{gettext("Connect")}">
</form>"""
