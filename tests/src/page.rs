//! What a person sees of a page: its forms and the elements with names that stay.

use anyhow::{Context as _, Result};
use reqwest::header::HeaderMap;
use url::Url;

/// A page that was shown.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where.
    pub url: Url,
    /// Its status.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// Its text.
    pub html: String,
}

/// A form, filled as the server sent it.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it goes.
    pub action: Url,
    /// Whether by POST.
    pub post: bool,
    /// Names and values.
    pub fields: Vec<(String, String)>,
}

impl Page {
    /// Whether an element has that id.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        tags(&self.html).any(|(_, tag)| attribute(tag, "id").as_deref() == Some(id))
    }

    /// The text of the element with that id.
    #[must_use]
    pub fn text_of(&self, id: &str) -> Option<String> {
        let (end, _) = tags(&self.html).find(|(_, tag)| attribute(tag, "id").as_deref() == Some(id))?;
        let text = self.html[end..].split('<').next()?;
        Some(unescape(text.trim()))
    }

    /// The error code that the page shows, where it shows one.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        self.text_of("oauth-error")
    }

    /// The form that the button with that id sends, the button's own name and value in it.
    pub fn form_of(&self, button: &str) -> Result<Form> {
        self.forms()?
            .into_iter()
            .find_map(|(form, markup)| {
                let (_, tag) = tags(markup).find(|(_, tag)| attribute(tag, "id").as_deref() == Some(button))?;
                let mut form = form;
                if let Some(name) = attribute(tag, "name") {
                    form.fields.push((name, attribute(tag, "value").unwrap_or_default()));
                }
                Some(form)
            })
            .with_context(|| format!("no form with #{button} on {} ({}):\n{}", self.url, self.status, self.html))
    }

    /// The form that carries an answer to an application (OAuth 2.0 Form Post Response Mode).
    pub fn form_to(&self, target: &str) -> Result<Form> {
        let mut forms = self.forms()?.into_iter().map(|(form, _)| form);
        forms
            .find(|form| form.action.as_str() == target)
            .with_context(|| format!("no form to {target}:\n{}", self.html))
    }

    /// The form that the page sends to another origin, where it has one: an answer on its way to an application.
    pub fn form_away(&self) -> Result<Option<Form>> {
        let is_away = |form: &Form| form.post && form.action.origin() != self.url.origin();
        Ok(self.forms()?.into_iter().map(|(form, _)| form).find(is_away))
    }

    /// What the page loads in frames.
    pub fn frames(&self) -> Result<Vec<Url>> {
        let frames = tags(&self.html).filter(|(_, tag)| name(tag) == "iframe");
        frames.filter_map(|(_, tag)| attribute(tag, "src")).map(|source| Ok(self.url.join(&source)?)).collect()
    }

    fn forms(&self) -> Result<Vec<(Form, &str)>> {
        let mut forms = Vec::new();
        for (end, tag) in tags(&self.html).filter(|(_, tag)| name(tag) == "form") {
            let markup = self.html[end..].split("</form").next().unwrap_or_default();
            let action = self.url.join(&attribute(tag, "action").unwrap_or_default())?;
            let post = attribute(tag, "method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
            let fields = tags(markup)
                .filter(|(_, tag)| name(tag) == "input" && attribute(tag, "type").as_deref() != Some("submit"))
                .filter_map(|(_, tag)| Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default())))
                .collect();
            forms.push((Form { action, post, fields }, markup));
        }
        Ok(forms)
    }
}

impl Form {
    /// Fills a field in; there must be one of that name.
    pub fn fill(&mut self, name: &str, value: &str) -> Result<()> {
        let field = self.fields.iter_mut().find(|(known, _)| known == name);
        value.clone_into(&mut field.with_context(|| format!("no field {name}"))?.1);
        Ok(())
    }

    /// The value of a field.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Opening tags without their brackets, each with the place where it ends.
fn tags(html: &str) -> impl Iterator<Item = (usize, &str)> {
    html.match_indices('<').filter_map(move |(at, _)| {
        let inside = &html[at + 1..];
        let end = tag_end(inside)?;
        inside.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| (at + 1 + end + 1, &inside[..end]))
    })
}

/// Where a tag ends: at the first `>` outside of quotes.
fn tag_end(inside: &str) -> Option<usize> {
    let mut quoted = false;
    inside.char_indices().find_map(|(at, c)| match c {
        '"' => {
            quoted = !quoted;
            None
        }
        '>' if !quoted => Some(at),
        _ => None,
    })
}

fn name(tag: &str) -> &str {
    tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default()
}

fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let start = format!("{wanted}=\"");
    tag.match_indices(&start).find(|(at, _)| tag[..*at].ends_with(char::is_whitespace)).map(|(at, _)| {
        let value = &tag[at + start.len()..];
        unescape(value.split('"').next().unwrap_or_default())
    })
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (entity, behind) = after.split_once(';').unwrap_or((after, ""));
        plain.push(match entity {
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "amp" => '&',
            numbered => numeric(numbered).unwrap_or('\u{fffd}'),
        });
        rest = behind;
    }
    plain.push_str(rest);
    plain
}

fn numeric(entity: &str) -> Option<char> {
    let number = entity.strip_prefix('#')?;
    let code = match number.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> Page {
        let url = Url::parse("http://127.0.0.1:1/t/a/x").expect("a URL");
        Page { url, status: 200, headers: HeaderMap::new(), html: html.to_owned() }
    }

    #[test]
    fn a_form_is_found_by_its_button() {
        let page = page(
            r#"<form method="post" action="../signin?a=1&amp;b=2"><input type="hidden" name="flow" value="&#x27;&#62;">
               <input name="username" required><button id="login-submit" name="go" value="1">Go</button></form>"#,
        );
        let mut form = page.form_of("login-submit").expect("the form");
        form.fill("username", "ann").expect("a field");
        assert_eq!(form.action.as_str(), "http://127.0.0.1:1/t/signin?a=1&b=2");
        assert!(form.post);
        assert_eq!(form.value("flow"), Some("'>"));
        assert_eq!(form.value("username"), Some("ann"));
        assert_eq!(form.value("go"), Some("1"));
        assert!(page.form_of("consent-allow").is_err());
    }

    #[test]
    fn a_form_that_leaves_is_told_from_others() {
        let form =
            |action: &str| format!(r#"<form method="post" action="{action}"><input name="code" value="x"></form>"#);
        assert!(page(&form("../signin")).form_away().expect("forms").is_none());
        let away = page(&form("https://app.example/cb")).form_away().expect("forms").expect("one");
        assert_eq!((away.action.as_str(), away.value("code")), ("https://app.example/cb", Some("x")));
    }

    #[test]
    fn an_element_is_read_by_its_id() {
        let page = page(r#"<p>a &gt; b <code class="x" id="oauth-error">invalid_request</code></p>"#);
        assert_eq!(page.error().as_deref(), Some("invalid_request"));
        assert!(!page.has("oauth"));
    }
}
