//! The order of lists (AIP-132): one field, `desc` for the largest first. Rows that are equal in it stand in the order of
//! their names.

use chancery_domain::query::{Field, Order};

use crate::{filter, status::Refusal};

/// Reads an order; nothing is the order of names.
pub(crate) fn read<F: Field>(sent: &str) -> Result<Order<F>, Refusal> {
    let words: Vec<_> = sent.split_ascii_whitespace().collect();
    let (name, descending) = match words[..] {
        [] => return Ok(Order::default()),
        [name] | [name, "asc"] => (name, false),
        [name, "desc"] => (name, true),
        _ => return Err(Refusal::field("order_by", "must be one field, followed by desc for the largest first")),
    };
    if name == "name" {
        return Ok(Order { by: None, descending });
    }
    let by: F = filter::field("order_by", name)?;
    if by.kind().is_always() {
        Ok(Order { by: Some(by), descending })
    } else {
        Err(Refusal::field("order_by", format!("cannot be {name}: not everybody has one")))
    }
}

#[cfg(test)]
mod tests {
    use chancery_domain::user::UserField;

    use super::*;

    #[test]
    fn an_order_is_one_field() {
        let order = |sent| read::<UserField>(sent).ok().map(|order| (order.by, order.descending));
        assert_eq!(order(""), Some((None, false)));
        assert_eq!(order("name desc"), Some((None, true)));
        assert_eq!(order(" create_time  desc "), Some((Some(UserField::CreateTime), true)));
        assert_eq!(order("username asc"), Some((Some(UserField::Username), false)));
        for bad in ["email", "password", "create_time, username", "create_time down", "create_time desc desc", "1; --"]
        {
            assert_eq!(order(bad), None, "{bad}");
        }
    }
}
