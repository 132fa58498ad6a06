//! Names of the columns of CMS's public results that say what an ACO's people use and cost.

/// Total updated benchmark.
pub const BENCHMARK: &str = "ABtotBnchmk";
/// Disaster relief, dollars.
pub const DISASTER_RELIEF: &str = "DisAdj";
/// Person-years of all enrollment types.
pub const PERSON_YEARS: &str = "N_AB_Year_PY";
/// Truncated spending of all enrollment types, dollars a person-year.
pub const PER_CAPITA: &str = "Per_Capita_Exp_TOTAL_PY";

/// Spending by service, dollars a person-year: all inpatient care.
pub const INPATIENT: &str = "CapAnn_INP_All";
/// Long-term hospitals, within inpatient care.
pub const LONG_TERM_HOSPITAL: &str = "CapAnn_INP_L_trm";
/// Rehabilitation, within inpatient care.
pub const REHABILITATION: &str = "CapAnn_INP_Rehab";
/// Psychiatric hospitals, within inpatient care.
pub const PSYCHIATRIC: &str = "CapAnn_INP_Psych";
/// Hospice.
pub const HOSPICE: &str = "CapAnn_HSP";
/// Skilled nursing facilities.
pub const SKILLED_NURSING: &str = "CapAnn_SNF";
/// Outpatient care.
pub const OUTPATIENT: &str = "CapAnn_OPD";
/// Part B, ambulances included.
pub const PART_B: &str = "CapAnn_PB";
/// Ambulances, within Part B.
pub const AMBULANCE: &str = "CapAnn_AmbPay";
/// Home health.
pub const HOME_HEALTH: &str = "CapAnn_HHA";
/// Durable medical equipment.
pub const EQUIPMENT: &str = "CapAnn_DME";

/// Events per 1,000 person-years: short-term admissions.
pub const SHORT_TERM_ADMISSIONS: &str = "ADM_S_Trm";
/// Long-term hospital admissions.
pub const LONG_TERM_ADMISSIONS: &str = "ADM_L_Trm";
/// Rehabilitation admissions.
pub const REHABILITATION_ADMISSIONS: &str = "ADM_Rehab";
/// Psychiatric admissions.
pub const PSYCHIATRIC_ADMISSIONS: &str = "ADM_Psych";
/// Emergency visits, those that end in an admission included.
pub const EMERGENCY_VISITS: &str = "P_EDV_Vis";
/// Emergency visits that end in an admission.
pub const EMERGENCY_ADMISSIONS: &str = "P_EDV_Vis_HOSP";
/// Computed tomography scans.
pub const CT_SCANS: &str = "P_CT_VIS";
/// Magnetic resonance scans.
pub const MRI_SCANS: &str = "P_MRI_VIS";
/// Evaluation and management visits, primary care and specialists included.
pub const ALL_VISITS: &str = "P_EM_Total";
/// Primary care visits.
pub const PRIMARY_CARE_VISITS: &str = "P_EM_PCP_Vis";
/// Specialist visits.
pub const SPECIALIST_VISITS: &str = "P_EM_SP_Vis";
/// Admissions to skilled nursing facilities.
pub const SKILLED_NURSING_ADMISSIONS: &str = "P_SNF_ADM";
/// Days of a stay in a skilled nursing facility.
pub const SKILLED_NURSING_DAYS: &str = "SNF_LOS";

/// Columns of spending by service and of utilization; a file need have none of them.
pub const FIGURES: [&str; 24] = [
    INPATIENT,
    LONG_TERM_HOSPITAL,
    REHABILITATION,
    PSYCHIATRIC,
    HOSPICE,
    SKILLED_NURSING,
    OUTPATIENT,
    PART_B,
    AMBULANCE,
    HOME_HEALTH,
    EQUIPMENT,
    SHORT_TERM_ADMISSIONS,
    LONG_TERM_ADMISSIONS,
    REHABILITATION_ADMISSIONS,
    PSYCHIATRIC_ADMISSIONS,
    EMERGENCY_VISITS,
    EMERGENCY_ADMISSIONS,
    CT_SCANS,
    MRI_SCANS,
    ALL_VISITS,
    PRIMARY_CARE_VISITS,
    SPECIALIST_VISITS,
    SKILLED_NURSING_ADMISSIONS,
    SKILLED_NURSING_DAYS,
];
