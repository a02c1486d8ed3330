//! Answered pages in memory.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    ports::answered_pages::{AnsweredPage, AnsweredPages},
};

use super::super::Fenced;

#[async_trait]
impl AnsweredPages for Fenced {
    async fn answer(&self, page: &AnsweredPage) -> Result<bool, Fault> {
        self.nouns(|rows| rows.answered_pages.insert(*page.digest.bytes()))
    }
}
