use super::*;

fields! {
    /// Of a person.
    PersonField {
        /// What they are called.
        Called = "called": Kind::Text,
        /// When they were born.
        Born = "born": Kind::Time,
    }
}

type Person = (&'static str, Option<i64>);

const PEOPLE: [Person; 5] = [("ada", Some(3)), ("bo", None), ("cy", Some(1)), ("di", Some(3)), ("ed", Some(2))];

fn value(person: &Person, field: PersonField) -> Option<Value> {
    match field {
        PersonField::Called => Some(Value::Text(person.0.to_owned())),
        PersonField::Born => person.1.map(|at| Value::Time(Timestamp::from_millis(at))),
    }
}

fn born(relation: Relation, at: i64) -> Filter<PersonField> {
    Filter::Test(Test { field: PersonField::Born, relation, value: Value::Time(Timestamp::from_millis(at)) })
}

/// Walks a list to its end by pages of that size.
fn walk(filter: Option<Filter<PersonField>>, order: Order<PersonField>, size: u32) -> Vec<&'static str> {
    let mut query = Query { page: PageRequest { after: None, size }, filter, order };
    let mut met = Vec::new();
    loop {
        let page = query.of(PEOPLE, value, |person| person.0.to_owned());
        met.extend(page.rows.iter().map(|person| person.0));
        match page.next {
            Some(next) => query.page.after = Some(next),
            None => return met,
        }
    }
}

#[test]
fn every_order_is_walked_without_holes() {
    let by = |by, descending| Order { by, descending };
    for size in 1..6 {
        assert_eq!(walk(None, Order::default(), size), ["ada", "bo", "cy", "di", "ed"]);
        assert_eq!(walk(None, by(None, true), size), ["ed", "di", "cy", "bo", "ada"]);
        assert_eq!(walk(None, by(Some(PersonField::Called), true), size), ["ed", "di", "cy", "bo", "ada"]);
        let known = Some(born(Relation::AtLeast, 0));
        assert_eq!(walk(known.clone(), by(Some(PersonField::Born), false), size), ["cy", "ed", "ada", "di"]);
        assert_eq!(walk(known, by(Some(PersonField::Born), true), size), ["di", "ada", "ed", "cy"]);
    }
}

#[test]
fn what_is_not_known_is_neither_so_nor_otherwise() {
    let three = || born(Relation::Equal, 3);
    let all = |filter| walk(Some(filter), Order::default(), 9);
    assert_eq!(all(three()), ["ada", "di"]);
    assert_eq!(all(Filter::Not(Box::new(three()))), ["cy", "ed"]);
    assert_eq!(all(born(Relation::Unequal, 3)), ["cy", "ed"]);
    let begins = |text: &str| {
        let value = Value::Text(text.to_owned());
        Filter::Test(Test { field: PersonField::Called, relation: Relation::Begins, value })
    };
    assert_eq!(all(Filter::Any(vec![begins("b"), three()])), ["ada", "bo", "di"]);
    assert_eq!(all(Filter::All(vec![begins("a"), three()])), ["ada"]);
    assert_eq!(all(Filter::All(vec![])), ["ada", "bo", "cy", "di", "ed"]);
}

#[test]
fn a_position_that_no_row_has_is_told_apart() {
    let query = |after: &str| Query {
        page: PageRequest { after: Some(after.to_owned()), size: 1 },
        filter: None,
        order: Order { by: Some(PersonField::Born), descending: false },
    };
    assert!(query("ada").after().is_none());
    assert!(query("x\u{1f}ada").after().is_none());
    assert_eq!(query("7\u{1f}ada").after(), Some(Some((Some(Value::Time(Timestamp::from_millis(7))), "ada"))));
}
