//! What happens to a group when something goes wrong in the middle of it.

use std::{sync::Arc, time::Duration};

use chancery_domain::fault::FaultKind;
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

use super::Writer;
use crate::sqlite::Sqlite;

async fn notes() -> (TempDir, Sqlite) {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("notes.db").display());
    let database = Sqlite::open(&url).await.expect("opens");
    let alone = database.writer.alone().await.expect("begins");
    alone.transaction().execute_unprepared("CREATE TABLE notes (id INTEGER PRIMARY KEY)").await.expect("creates");
    alone.commit().await.expect("commits");
    (folder, database)
}

async fn count(database: &Sqlite) -> i64 {
    let sql = "SELECT COUNT(*) AS count FROM notes".to_owned();
    let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, sql);
    let row = database.reader.connection.query_one_raw(statement).await.expect("reads").expect("one row");
    row.try_get("", "count").expect("a number")
}

async fn note(writer: &Writer) -> super::Member {
    let member = writer.begin().await.expect("begins");
    member.transaction().execute_unprepared("INSERT INTO notes DEFAULT VALUES").await.expect("inserts");
    member
}

#[tokio::test]
async fn when_the_group_is_lost_every_member_hears_of_it_and_the_next_group_is_good() {
    let (_folder, database) = notes().await;
    let database = Arc::new(database);
    let first = note(&database.writer).await;
    // The second member asks for the turn before the committer of the first does, so it joins the group.
    let second = tokio::spawn({
        let database = Arc::clone(&database);
        async move {
            let member = note(&database.writer).await;
            // What SQLite does by itself when the disk is full.
            member.transaction().execute_unprepared("ROLLBACK").await.expect("rolls back");
            drop(member);
        }
    });
    tokio::task::yield_now().await;
    let told = first.commit().await.expect_err("what was rolled back is not acknowledged");
    assert_eq!(told.kind(), FaultKind::Unavailable, "{told}");
    second.await.expect("runs");
    assert_eq!(count(&database).await, 0);

    note(&database.writer).await.commit().await.expect("commits");
    assert_eq!(count(&database).await, 1);
}

#[tokio::test]
async fn what_one_member_undoes_the_others_keep() {
    let (_folder, database) = notes().await;
    let database = Arc::new(database);
    let first = note(&database.writer).await;
    let second = tokio::spawn({
        let database = Arc::clone(&database);
        async move { drop(note(&database.writer).await) }
    });
    let third = tokio::spawn({
        let database = Arc::clone(&database);
        async move { note(&database.writer).await.commit().await }
    });
    tokio::task::yield_now().await;
    first.commit().await.expect("commits");
    second.await.expect("runs");
    third.await.expect("runs").expect("commits");
    assert_eq!(count(&database).await, 2);
}

#[tokio::test]
async fn a_group_takes_so_many_and_then_commits() {
    let (_folder, database) = notes().await;
    let database = Arc::new(database);
    let held = note(&database.writer).await;
    let members = (0..600).map(|_| {
        let database = Arc::clone(&database);
        tokio::spawn(async move { note(&database.writer).await.commit().await })
    });
    let members: Vec<_> = members.collect();
    tokio::task::yield_now().await;
    held.commit().await.expect("commits");
    for member in members {
        member.await.expect("runs").expect("commits");
    }
    assert_eq!(count(&database).await, 601);
}

#[tokio::test]
async fn who_waits_too_long_for_the_turn_is_told_that_the_database_is_away() {
    let (_folder, mut database) = notes().await;
    database.writer.patience = Duration::from_millis(20);
    let held = note(&database.writer).await;
    let refused = database.writer.begin().await.err().expect("waits too long");
    assert_eq!(refused.kind(), FaultKind::Unavailable, "{refused}");
    held.commit().await.expect("commits");
}
