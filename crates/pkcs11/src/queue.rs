//! The threads that hold the sessions, and the queue before them.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, SyncSender, TrySendError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use chancery_domain::fault::Fault;
use cryptoki::session::Session;

use crate::{desk::Desk, fault::OpenError, token::Token};

/// How many sessions are held. Tokens work on few things at a time, and many allow few sessions.
const SESSIONS: usize = 4;
/// How many may wait: a fraction of a second's work. Whoever comes then is told so at once.
const WAITING: usize = 256;

type Job = Box<dyn FnOnce(&mut Desk) + Send>;

/// How long the end of the threads is waited for, and how often is looked.
const LEAVES_WITHIN: Duration = Duration::from_secs(5);
const LOOKS_EVERY: Duration = Duration::from_millis(1);

/// Hands work to the threads. They end with the queue: nobody hands out work any more once `jobs` is gone, which is
/// dropped before `desks`.
pub(crate) struct Queue {
    jobs: SyncSender<Job>,
    #[expect(dead_code, reason = "held to be dropped after `jobs`")]
    desks: Desks,
}

/// The threads. Who drops them waits for them: a module that is unloaded by a thread while the process exits hangs or
/// crashes it.
struct Desks(Vec<JoinHandle<()>>);

impl Queue {
    /// Starts the threads; the first takes the session that is open already.
    pub(crate) fn start(token: &Arc<Token>, session: Session) -> Result<Self, OpenError> {
        let mut desks = Desks(Vec::new());
        let (jobs, waiting) = mpsc::sync_channel::<Job>(WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut first = Some(session);
        for _ in 0..SESSIONS {
            let (waiting, desk) = (Arc::clone(&waiting), Desk::new(Arc::clone(token), first.take()));
            let named = thread::Builder::new().name(format!("signer {}", token.name()));
            desks.0.push(named.spawn(move || work(desk, &waiting)).map_err(OpenError::NoThread)?);
        }
        Ok(Self { jobs, desks })
    }

    /// Has something done at a desk, and waits for it: on a thread that may wait. What was not begun within
    /// `patience` is not done at all.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce(&mut Desk) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (answer, answered) = mpsc::sync_channel(1);
        let until = Instant::now() + patience;
        let job = move |desk: &mut Desk| {
            if Instant::now() < until {
                // Nobody hears the answer who has given up waiting.
                let _ = answer.send(work(desk));
            }
        };
        self.jobs.try_send(Box::new(job)).map_err(|full| match full {
            TrySendError::Full(_) => Fault::unavailable("a hardware security module has too much to do", "queue full"),
            TrySendError::Disconnected(_) => Fault::bug("nobody is at the hardware security module any more"),
        })?;
        let answer = answered.recv_timeout(patience);
        answer.map_err(|error| Fault::unavailable("a hardware security module does not answer in time", error))?
    }
}

impl Drop for Desks {
    fn drop(&mut self) {
        let until = Instant::now() + LEAVES_WITHIN;
        for desk in self.0.drain(..) {
            while !desk.is_finished() && Instant::now() < until {
                thread::sleep(LOOKS_EVERY);
            }
            // A token that makes a large key may take longer than anybody waits for.
            if desk.is_finished() {
                let _ = desk.join();
            }
        }
    }
}

fn work(mut desk: Desk, waiting: &Mutex<Receiver<Job>>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match next {
            Ok(job) => job(&mut desk),
            Err(_) => return,
        }
    }
}
