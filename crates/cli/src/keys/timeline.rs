//! `chancery keys timeline`

mod draw;

use chancery_proto::v1::GetKeyTimelineRequest;
use clap::Args;
use prost_types::Timestamp;

use self::draw::Canvas;
use crate::arguments::Colours;
use crate::connection::Api;
use crate::error::CliError;
use crate::name::{self, TenantId};
use crate::output::{Output, width};

/// Whose keys to draw.
#[derive(Args, Debug)]
pub struct Timeline {
    /// Id of the tenant
    tenant: TenantId,
    /// How many days to look back, and how many ahead; without it 90 days, and two rotations at least
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=3650))]
    days: Option<i64>,
    #[command(flatten)]
    colours: Colours,
}

impl Timeline {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let request = GetKeyTimelineRequest { parent: name::tenant(&self.tenant), ..Default::default() };
        let mut told = api.keys().get_key_timeline(request.clone()).await?.into_inner();
        if let Some((days, now)) = self.days.zip(told.now_time) {
            // By the server's clock, which the first answer told.
            let moved = |days: i64| Some(Timestamp { seconds: now.seconds + days * 86_400, ..now });
            let request = GetKeyTimelineRequest { start_time: moved(-days), end_time: moved(days), ..request };
            told = api.keys().get_key_timeline(request).await?.into_inner();
        }
        Ok(match output {
            Output::Json | Output::Yaml => output.one(&told),
            Output::Table => Canvas::here(&self.colours).draw(&told),
        })
    }
}

impl Canvas {
    /// The terminal that is looked at; 80 columns without colours where it is none.
    fn here(colours: &Colours) -> Self {
        Self { width: width().unwrap_or(80), colours: colours.wanted() }
    }
}
