//! UpdateFeatures (57), versions 0 to 2 (KIP-584, KIP-778).
//!
//! Changes the versions of features, all of them or none: one that is not supported, or that goes up by a downgrade or down by an upgrade, fails
//! them with `INVALID_UPDATE_VERSION`. Version 0 can only raise them, as in Kafka. Before version 2 the answer names each feature where nothing is wrong.
//!
//! Deviations: metadata.version is never lowered, which Kafka does where no metadata changed between the two; features do not depend on each other.

use ottla_wire::message::update_features_response::UpdatableFeatureResult;
use ottla_wire::message::{UpdateFeaturesRequest, UpdateFeaturesResponse};
use ottla_wire::{ErrorCode, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::authorizer::Operation;
use crate::features::{Direction, ELIGIBLE_REPLICAS};

/// From this version on, an answer has no result for each feature (KIP-1022).
const ALL_OR_NONE_FROM: i16 = 2;

/// How a feature is to change, by Kafka's number.
const fn direction(number: i8) -> Option<Direction> {
    match number {
        1 => Some(Direction::Up),
        // Safe and unsafe downgrades.
        2 | 3 => Some(Direction::Down),
        _ => None,
    }
}

impl Handle for UpdateFeaturesRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 2);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::Alter);

    fn handle(self, call: &mut Call<'_>) -> Reply<UpdateFeaturesResponse> {
        let changes = self.feature_updates.iter().map(|update| {
            let direction = if call.version == 0 { Some(Direction::Up) } else { direction(update.upgrade_type) };
            (update.feature.as_str(), update.max_version_level, direction)
        });
        let answer = UpdateFeaturesResponse::default().with_error_message(None);
        match call.state.features.changed(changes) {
            Err(error) => {
                let answer = answer.with_error_code(ErrorCode::INVALID_UPDATE_VERSION.0);
                return Reply::Answer(answer.with_error_message(Some(text(format!("nothing was changed: {error}")))));
            }
            Ok(features) if !self.validate_only => {
                if features.level(ELIGIBLE_REPLICAS) > call.state.features.level(ELIGIBLE_REPLICAS) {
                    call.state.configs.brokers.hold_in_sync();
                    call.state.topics.follow(&call.state.configs.brokers);
                }
                call.state.features = features;
            }
            Ok(_) => {}
        }
        if call.version >= ALL_OR_NONE_FROM {
            return Reply::Answer(answer);
        }
        // Kafka's text where nothing is wrong.
        let none = Some(text("NONE"));
        let result = |feature| UpdatableFeatureResult::default().with_feature(feature).with_error_message(none.clone());
        let results = self.feature_updates.into_iter().map(|update| result(update.feature)).collect();
        Reply::Answer(answer.with_results(results))
    }

    fn failed(&self, code: ErrorCode) -> Option<UpdateFeaturesResponse> {
        let answer = UpdateFeaturesResponse::default().with_error_code(code.0);
        Some(answer.with_error_message(Some(text(code.to_string()))))
    }
}
