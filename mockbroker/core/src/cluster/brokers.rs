//! Brokers that stop, hang, and come back, as a test wants it.

use ottla_wire::BrokerId;

use super::{Action, Cluster, ConnId, Due, Output, UnknownBroker};
use crate::broker::{Broker, BrokerStatus, Process};
use crate::connection::Closed;
use crate::time::Now;

/// A broker cannot do what it is asked to; nothing is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerError {
    /// The cluster has no such broker.
    #[error(transparent)]
    UnknownBroker(#[from] UnknownBroker),
    /// The broker is down, and can neither hang nor go on.
    #[error("broker {0} is down")]
    Down(BrokerId),
}

impl Cluster {
    /// What a broker does.
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn broker_status(&self, broker: BrokerId) -> Result<BrokerStatus, UnknownBroker> {
        self.state.brokers.process(broker).map(BrokerStatus::from).ok_or(UnknownBroker(broker))
    }

    /// Stops a broker in good order: others lead its partitions first, requests that wait are answered, its connections are closed, and clients are
    /// told of it no more. One that is down stays so.
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn stop_broker(&mut self, now: Now, broker: BrokerId) -> Result<(), UnknownBroker> {
        if self.known(broker)?.process().is_down() {
            return Ok(());
        }
        self.state.fence(broker);
        self.go_on(now);
        self.broker_mut(broker)?.is_stopped(now);
        self.state.replicate();
        for conn in self.connections_to(broker) {
            self.drop_connection(conn, now, Closed::BrokerStopped);
        }
        self.state.elect_controller();
        Ok(())
    }

    /// Ends a broker without a word: its connections are cut, and clients are told of it until its session ends, after
    /// [`crate::ClusterConfig::broker_session_timeout`]; then others lead its partitions. One that is down stays so.
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn kill_broker(&mut self, now: Now, broker: BrokerId) -> Result<(), UnknownBroker> {
        if self.known(broker)?.process().is_down() {
            return Ok(());
        }
        let session_timeout = self.state.config.broker_session_timeout;
        self.broker_mut(broker)?.is_killed(now, session_timeout);
        self.state.replicate();
        for conn in self.connections_to(broker) {
            self.output.retain(|output| output.conn != conn);
            if self.forget(conn, now, Closed::BrokerKilled) {
                self.output.push_back(Output { conn, action: Action::Abort });
            }
        }
        self.state.elect_controller();
        Ok(())
    }

    /// Starts a broker that is down: it registers, leads what nobody else can lead, and is in sync at once where it is a follower that is not held. One that is
    /// not down stays as it is.
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn start_broker(&mut self, now: Now, broker: BrokerId) -> Result<(), UnknownBroker> {
        let process = self.known(broker)?.process();
        if !process.is_down() {
            return Ok(());
        }
        if self.state.brokers.is_active(broker) {
            self.state.fence(broker);
        }
        if matches!(process, Process::Killed(_)) {
            self.state.lost_its_end(broker);
        }
        self.broker_mut(broker)?.is_started();
        self.state.fetch_sessions.forget(broker);
        self.state.comes_back();
        self.state.elect_controller();
        self.go_on(now);
        Ok(())
    }

    /// Lets a broker hang: it takes on connections, and reads and answers nothing. Its session ends as after [`Cluster::kill_broker`].
    ///
    /// # Errors
    /// When there is no such broker, or it is down.
    pub fn pause_broker(&mut self, now: Now, broker: BrokerId) -> Result<(), BrokerError> {
        match self.known(broker)?.process() {
            Process::Running => {}
            Process::Paused(_) => return Ok(()),
            Process::Stopped(_) | Process::Killed(_) => return Err(BrokerError::Down(broker)),
        }
        let session_timeout = self.state.config.broker_session_timeout;
        self.broker_mut(broker)?.is_paused(now, session_timeout);
        self.state.replicate();
        // Neither time nor what happens elsewhere ends the waits of who hangs.
        for conn in self.connections_to(broker) {
            let Some(connection) = self.connections.get_mut(&conn) else { continue };
            self.idle.remove(connection);
            if let Some(parked) = &connection.parked {
                self.waiting.remove(conn, parked);
            }
        }
        self.state.elect_controller();
        Ok(())
    }

    /// Lets a broker that hangs go on where it was: what was sent to it is read, and answered.
    ///
    /// # Errors
    /// When there is no such broker, or it is down.
    pub fn resume_broker(&mut self, now: Now, broker: BrokerId) -> Result<(), BrokerError> {
        match self.known(broker)?.process() {
            Process::Paused(_) => {}
            Process::Running => return Ok(()),
            Process::Stopped(_) | Process::Killed(_) => return Err(BrokerError::Down(broker)),
        }
        self.broker_mut(broker)?.is_resumed();
        self.state.comes_back();
        for conn in self.connections_to(broker) {
            let Some(connection) = self.connections.get_mut(&conn) else { continue };
            if let Some(parked) = &connection.parked {
                self.waiting.insert(conn, parked);
            }
            // Something may have come while the broker hung, which is read from here on.
            connection.movement.last = now.mono;
            self.idle.insert(connection, now.mono);
            self.unpark(conn, now, Due::IfReady);
            self.output.push_back(Output { conn, action: Action::Read });
            self.run(conn, now);
        }
        self.handle_timeout(now);
        Ok(())
    }

    /// Takes a broker out of what the controller knows, as UnregisterBroker does. One that runs goes on, and is told to nobody.
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn unregister_broker(&mut self, now: Now, broker: BrokerId) -> Result<(), UnknownBroker> {
        self.known(broker)?;
        self.state.unregister(broker);
        self.go_on(now);
        Ok(())
    }

    /// Fences the brokers whose sessions have ended, and answers who waited for what follows.
    pub(super) fn end_sessions(&mut self, now: Now) {
        self.state.end_sessions(now);
        self.go_on(now);
    }

    /// Answers the parked requests for which enough happened, and serves what waits behind them.
    pub(super) fn go_on(&mut self, now: Now) {
        for conn in self.wake(now) {
            self.run(conn, now);
        }
    }

    fn known(&self, broker: BrokerId) -> Result<&Broker, UnknownBroker> {
        self.state.brokers.broker(broker).ok_or(UnknownBroker(broker))
    }

    pub(super) fn broker_mut(&mut self, broker: BrokerId) -> Result<&mut Broker, UnknownBroker> {
        self.state.brokers.broker_mut(broker).ok_or(UnknownBroker(broker))
    }

    fn connections_to(&self, broker: BrokerId) -> Vec<ConnId> {
        let to_it = self.connections.values().filter(|connection| connection.broker == broker);
        to_it.map(|connection| connection.id).collect()
    }
}
